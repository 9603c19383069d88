"""What `make bench` measures: the platform beside a plain baseline, in the same run."""
