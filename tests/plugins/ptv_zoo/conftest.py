from ptv_server_fixtures import cache, server  # noqa: F401 - fixtures
