from tests.support.server_fixtures import cache, server  # noqa: F401 - fixtures
