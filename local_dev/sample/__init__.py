"""The sample company: a news app with ads. Its data, its databases and its APIs; `docs/sample.md` tells its story."""
