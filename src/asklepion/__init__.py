"""Open software for psychedelic-assisted therapy of trauma."""
