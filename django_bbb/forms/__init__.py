"""Forms that the admin and the pages outside of it share."""
