"""Carries the program out: creates with boto3 what the program registers with Pulumi."""
