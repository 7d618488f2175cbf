"""A site whose people have an email address and a UUID, and no user name, first name or last name."""
