"""The mapping layer: which agreement governs a flow at a moment, what it lets through, and why."""
