"""What people read in the file itself: amounts in their currency, states in words, links into Clio.

Nothing in the bot reads these; whoever opens the file with Datasette or any SQLite browser does.
"""

# An amount of cents as people write it: -1234.50.
AMOUNT = "CASE WHEN {0} < 0 THEN '-' ELSE '' END || (abs({0}) / 100) || '.' || substr('0' || (abs({0}) % 100), -2)"
# An instant as people read it: 2026-12-01 06:18:30 UTC.
AT = "substr({0}, 1, 10) || ' ' || substr({0}, 12, 8) || ' UTC'"
# Where Clio is, by the place that an account is of.
SITE = (
    "CASE substr({0}.account, 1, 3) WHEN 'us:' THEN 'https://app.clio.com' WHEN 'ca:' THEN 'https://ca.app.clio.com'"
    " WHEN 'eu:' THEN 'https://eu.app.clio.com' WHEN 'au:' THEN 'https://au.app.clio.com' END"
)
STATES = (
    "CASE entry.state WHEN 'planned' THEN 'not sent yet' WHEN 'sending' THEN 'under way' WHEN 'posted' THEN 'posted'"
    " WHEN 'refused' THEN 'refused by Clio' WHEN 'unclear' THEN 'unclear, look in Clio' WHEN 'wrong' THEN"
    " 'in Clio, but not as sent' WHEN 'not_sent' THEN 'not sent' WHEN 'undone' THEN 'removed from Clio again'"
    " ELSE entry.state END"
)

VIEWS = [
    "CREATE VIEW results AS SELECT 'B' || entry.batch AS batch, batch.file_name AS file, entry.matter_number AS matter,"
    f" entry.user_name AS user, {AMOUNT.format('entry.amount_cents')} AS amount, batch.currency, entry.date AS dated,"
    f" {STATES} AS result, entry.reason, {SITE.format('entry')} || '/nc/#/matters/' || entry.matter_id"
    " AS matter_in_clio,"
    f" entry.clio_id AS entry_in_clio, {AT.format('entry.settled_at')} AS at"
    " FROM entry JOIN batch ON batch.id = entry.batch"
    " ORDER BY entry.batch DESC, entry.position",
    "CREATE VIEW left_out AS SELECT 'B' || line.batch AS batch, batch.file_name AS file, line.row, line.matter,"
    f" line.named_user AS user, {AMOUNT.format('line.amount_cents')} AS amount, batch.currency, line.left_out AS why"
    " FROM line JOIN batch ON batch.id = line.batch WHERE line.left_out IS NOT NULL ORDER BY line.batch DESC, line.row",
    f"CREATE VIEW log AS SELECT 'B' || decision.batch AS batch, {AT.format('decision.at')} AS at,"
    " decision.actor AS slack_user, decision.stands_for AS in_place_of, replace(decision.action, '_', ' ') AS action,"
    " CASE decision.allowed WHEN 1 THEN 'done' ELSE 'refused' END AS outcome, decision.reason,"
    " decision.revision FROM decision ORDER BY decision.id DESC",
]
