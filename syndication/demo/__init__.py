"""Two partner agencies to try everything with: they serve feeds of their own on loopback, and go on living."""
