"""What Alembic runs: the migrations, in the transaction that `storage/migrate` hands over."""

from alembic import context

from syndication.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True, compare_type=True)
context.run_migrations()
