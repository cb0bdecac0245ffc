"""Deploys the program: creates with boto3 what the program registers with Pulumi."""
