"""AWS's list prices in US dollars, for us-east-1 unless another region is named, each with its
source.

`SOURCES` says where each price was read and when. AWS's own pages build most of their tables by
script, so only some show their numbers as text. For the other prices, `SOURCES` names who quotes
AWS, or says that no source was found. `make estimate` prints `SOURCES` below the sums.
"""

from __future__ import annotations

from types import MappingProxyType

DATE = "2026-11"
REGION = "us-east-1"

GIGABYTE = 1e9

# Prices that differ by region: S3's puts and gets, S3 Standard by gigabyte and month, logs by
# gigabyte. A region that is not listed is counted as us-east-1, and the printed sum says so.
REGIONS = MappingProxyType(
    {
        "us-east-1": (0.005 / 1_000, 0.0004 / 1_000, 0.023, 0.50),
        "us-east-2": (0.005 / 1_000, 0.0004 / 1_000, 0.023, 0.50),
        "us-west-2": (0.005 / 1_000, 0.0004 / 1_000, 0.023, 0.50),
        "eu-west-1": (0.005 / 1_000, 0.0004 / 1_000, 0.023, 0.57),
        "eu-central-1": (0.0054 / 1_000, 0.00043 / 1_000, 0.0245, 0.63),
        "ap-northeast-1": (0.0047 / 1_000, 0.00037 / 1_000, 0.025, 0.76),
    }
)

# The additional price of reading from a colder storage class: by request, and by gigabyte.
RETRIEVAL = MappingProxyType(
    {
        "STANDARD_IA": (0.001 / 1_000, 0.01),
        "ONEZONE_IA": (0.001 / 1_000, 0.01),
        "GLACIER_IR": (0.01 / 1_000, 0.03),
    }
)

# Lambda, by request, and by gigabyte (of 1,024 MB) and second.
LAMBDA_REQUEST = 0.20 / 1e6
LAMBDA_GIGABYTE_SECOND = MappingProxyType({"x86_64": 0.0000166667, "arm64": 0.0000133334})

# SQS bills each batch of up to 64 KB as one request; messages with a group cost more.
SQS_REQUEST = 0.40 / 1e6
SQS_GROUPED = 0.10 / 1e6
# A trail's data events, by event.
DATA_EVENT = 0.10 / 100_000
# CloudWatch, by metric of one's own and month.
METRIC = 0.30
# KMS, by request; a bucket key avoids nearly all of S3's requests.
KMS_REQUEST = 0.03 / 10_000
# EventBridge, by event of S3 that comes in, and by event that goes to another account.
EVENT = 1.00 / 1e6
EVENT_ABROAD = 0.05 / 1e6

READ = "2026-11-28"
# What the price is for, where it is published, and the value on that day.
SOURCES = (
    ("trail's data events", "aws.amazon.com/cloudtrail/pricing", "read there"),
    ("a key of one's own", "aws.amazon.com/kms/pricing", "read there: $1 a month"),
    (
        "EventBridge",
        "aws.amazon.com/eventbridge/pricing",
        (
            "read there: S3's events are opt-in data events, by 64 KB, and delivery to another "
            "account is charged. Not read: their rate, taken to be that of custom events "
            "(factualminds.com, 2026-06); abroad, AWS's price list for eu-central-1 of 2025-01-01"
        ),
    ),
    (
        "S3's requests, retrieval",
        "aws.amazon.com/s3/pricing",
        (
            "its table is made by script; us-east-1 as c3x.dev quotes it. eu-west-1, eu-central-1 "
            "and ap-northeast-1: nobody was found, so not verified"
        ),
    ),
    (
        "S3's storage",
        "aws.amazon.com/s3/pricing",
        "us-east-1 as go-cloud.io quotes it; other regions: not verified",
    ),
    (
        "Lambda",
        "aws.amazon.com/lambda/pricing",
        "us-east-1, first tier, as cloudchipr.com quotes it (2024); assumed for all regions",
    ),
    (
        "SQS, its fair queues included",
        "aws.amazon.com/sqs/pricing",
        "us-east-1 as cloudburn.io quotes it (2026-03); assumed for all regions",
    ),
    (
        "CloudWatch",
        "aws.amazon.com/cloudwatch/pricing",
        "us-east-1 as factualminds.com and signoz.io quote it (2026); other regions: not verified",
    ),
    ("KMS's requests", "aws.amazon.com/kms/pricing", "as wring.co and cloudburn.io quote it"),
)
