"""What people do with the form that puts lines right."""

from typing import Any

from world import World

from brought_forward.storage.records.batch import BatchStatus

FIX = "balances_fix_lines"  # the button's action; its label says how many lines it is about


def opened(world: World, user: Any = None, message: Any = None) -> Any:
    """Click the button that puts lines right, whatever number it carries, and give the form."""
    user = user or world.slack.staff
    before = len(world.slack.views(user))
    world.click(user, FIX, message)
    world.slack.wait_for(lambda: len(world.slack.views(user)) > before)
    return world.slack.views(user)[-1]


def changed(world: World, view: Any, what: str, user: Any = None, value: Any = None) -> Any:
    """Click or choose in the form, wait until it is another, and give it as it is then."""
    user = user or world.slack.staff
    before = view.hash
    if value is None:
        world.slack.click(user, what, view)
    else:
        world.slack.fill(user, view, what, value)
    world.slack.wait_for(lambda: world.slack.views(user)[-1].hash != before)
    return world.slack.views(user)[-1]


def more(world: World, view: Any, row: int, user: Any = None) -> Any:
    """Show all fields of a line."""
    return changed(world, view, f"balances_more-{row}", user)


def previewed(world: World, revision: int, number: int = 1) -> str:
    """Wait for a revision's preview."""

    def there() -> bool:
        batch = world.store.batches.find(number)
        return batch is not None and batch.revision == revision and batch.status is BatchStatus.PREVIEWED

    world.slack.wait_for(there)
    world.slack.wait_for(lambda: not world.store.messages.owed())
    return world.text()


def matter(world: World, place: int) -> str:
    """Give the number of one of the firm's matters, as people type it into the select."""
    return str(world.sheet(place + 1)[place][0])


def ticked(view: Any, value: str) -> bool:
    """Tell whether a suggestion is ticked as the form shows it."""
    return any(
        one["value"] == value
        for block in view.payload["blocks"]
        for one in block.get("element", {}).get("initial_options", [])
    )
