"""What was forgotten never comes back."""

from datetime import date

from vidpipe.uploads.registry.tombstones import forget, forgotten
from vidpipe_tests.uploads.registry.world import World


def test_a_forgotten_upload_is_never_registered_again(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.put("2026-11-02/a/two.mp4")
    world.look()
    forget(
        world.connection, uploads=["2026-11-02/a/one.mp4"], contents=["ab" * 32], accounts=["eve"]
    )
    assert world.ids(date(2026, 11, 2)) == ["2026-11-02/a/two.mp4"]
    world.put("2026-11-02/a/one.mp4", "another video")
    world.look()
    world.look()
    assert world.ids(date(2026, 11, 2)) == ["2026-11-02/a/two.mp4"]
    found = forgotten(world.connection)
    assert found.contents == {"ab" * 32}
    assert found.accounts == {"eve"}
