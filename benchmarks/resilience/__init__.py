"""What becomes of alerts while components are killed, flooded or silent."""
