"""The database: the only rooms that know SQL. What goes in and comes out are frozen values; the first parameter is a Transaction."""
