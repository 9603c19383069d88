"""YOU: what a contributor has on a laptop: the command line, scaffolding, the sample company."""
