"""Who and what there is in the pretend workspace, and how a test changes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brought_forward.sandbox.slack.people.hands import id_of
from brought_forward.sandbox.slack.records import Channel, Person, Place, User
from brought_forward.sandbox.slack.workspace import Workspace


class Town:
    """The verbs of administrators, and of time."""

    workspace: Workspace

    def add_person(self, name: str, **more: Any) -> User:
        """Add a member to the workspace and to every channel; `more` is as in `User`: is_ultra_restricted, is_bot."""
        with self.workspace.change():
            id_ = self.workspace.number("U")
            user = User(id_, **{"name": name, "real_name": name.title(), "team_id": self.workspace.team, **more})
            self.workspace.users[id_] = user
            for room in self.workspace.channels.values():
                if not room.is_im and not user.deleted:
                    room.members.add(id_)
            return user

    def change_person(self, user: Person, **more: bool) -> None:
        """Make somebody a guest, or deleted, or no longer so."""
        with self.workspace.change():
            for name, value in more.items():
                setattr(self.workspace.users[id_of(user)], name, value)

    def add_channel(
        self,
        name: str,
        members: Sequence[Person] = (),
        *,
        is_private: bool = False,
        is_ext_shared: bool = False,
        is_pending_ext_shared: bool = False,
    ) -> Channel:
        """Add a channel with the bot in it; `is_ext_shared` shares it with another company by Slack Connect."""
        with self.workspace.change():
            people = {id_of(member) for member in members} | {self.workspace.bot.id}
            room = Channel(self.workspace.number("C"), name, people, is_private=is_private,
                           is_ext_shared=is_ext_shared, is_pending_ext_shared=is_pending_ext_shared)  # fmt: skip
            self.workspace.channels[room.id] = room
            return room

    def add_group(self, handle: str, members: Sequence[Person], *, id_: str | None = None) -> str:
        """Make a user group, which a free plan has not; returns its id."""
        with self.workspace.change():
            group = id_ or self.workspace.number("S")
            self.workspace.handles[group] = handle
            self.workspace.rules.usergroups = {
                **(self.workspace.rules.usergroups or {}),
                group: [id_of(member) for member in members],
            }
            return group

    def change_group(self, group: str, members: Sequence[Person]) -> None:
        """Replace the members of a user group."""
        with self.workspace.change():
            assert self.workspace.rules.usergroups is not None  # noqa: S101
            self.workspace.rules.usergroups[group] = [id_of(member) for member in members]

    def pass_time(self, seconds: float) -> None:
        """Let triggers and response_urls age without waiting."""
        with self.workspace.change():
            self.workspace.ahead += seconds

    def archive(self, channel: Place) -> None:
        """Archive a channel."""
        with self.workspace.change():
            self.workspace.channel(id_of(channel)).is_archived = True

    def unarchive(self, channel: Place) -> None:
        """Bring an archived channel back."""
        with self.workspace.change():
            self.workspace.channel(id_of(channel)).is_archived = False

    def remove_bot(self, channel: Place) -> None:
        """Take the bot out of a channel."""
        with self.workspace.change():
            self.workspace.channel(id_of(channel)).members.discard(self.workspace.bot.id)

    def invite_bot(self, channel: Place) -> None:
        """Bring the bot into a channel."""
        with self.workspace.change():
            self.workspace.channel(id_of(channel)).members.add(self.workspace.bot.id)

    def delete_message(self, ts: str) -> None:
        """Delete a message, as an administrator can."""
        with self.workspace.changed:
            self.workspace.remove(next(m for m in self.workspace.messages if m.ts == ts))
