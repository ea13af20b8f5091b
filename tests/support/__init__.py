"""Helpers that the tests share: files, servers, fakes and published outputs."""
