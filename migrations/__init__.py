"""All DDL: numbered plain SQL for the control schema, the key store and each tenant's schema."""
