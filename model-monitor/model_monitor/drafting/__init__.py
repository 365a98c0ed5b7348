"""Makes the card of a model. Needs what scoring needs; for Parquet also pyarrow."""
