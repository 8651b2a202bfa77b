"""What Slack's refusals are about: how something was made, or all else."""

from slack_sdk.errors import SlackApiError

# What says nothing of how a message or view was made: the same may be taken later, or elsewhere. Whatever is not named
# here is taken for a refusal for good, so that an error that Slack invents tomorrow leads to a plainer form, not to
# silence (docs.slack.dev, "chat.postMessage", "chat.update" and "views.open", errors).
ELSEWHERE = {
    *("channel_not_found", "not_in_channel", "is_archived", "restricted_action", "thread_not_found"),
    *("restricted_action_read_only_channel", "restricted_action_thread_only_channel"),
    *("restricted_action_non_threadable", "user_not_in_channel"),
    *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"),
    *("access_denied", "no_permission", "org_login_required", "ekm_access_denied", "team_access_not_granted"),
    *("enterprise_is_restricted", "method_deprecated", "deprecated_endpoint", "two_factor_setup_required"),
    *("accesslimited", "fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"),
    *("message_limit_exceeded", "slack_connect_file_link_sharing_blocked", "user_not_found", "messages_tab_disabled"),
    *("ratelimited", "rate_limited", "message_not_found", "cant_update_message", "edit_window_closed"),
    *("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired", "trigger_exchanged"),
    *("hash_conflict", "not_enabled", "not_found", "push_limit_reached", "duplicate_external_id"),
}


def is_of_the_form(refusal: SlackApiError) -> bool:
    """Tell whether Slack refuses how something is made, so that only another form of it will ever be taken."""
    error = str(refusal.response.get("error"))
    return refusal.response.status_code < 500 and refusal.response.status_code != 429 and error not in ELSEWHERE
