"""The claims that a successful run in the sandbox does not prove; printed wherever it shows
results.
"""

NOTICE = (
    "This ran on ministack, an emulator of AWS on one machine, with IAM enforced and over TLS. "
    "It is not AWS."
)

# Printed when the emulator starts: the emulator runs a function as a process of the user who
# started it.
WARNING = (
    "While it runs, every program on this machine can run code as you: the emulator takes an "
    "account id as a root access key, and runs Lambda functions as processes of yours."
)

# Measured on the emulator; each line also says what covers the gap.
LIMITS = {
    "Old TLS versions": (
        "It knows no s3:TlsVersion, so DenyOldTls never fires here; a unit test holds its wording."
    ),
    "The function's own condition": (
        "It issues credentials without lambda:SourceFunctionArn, so the sandbox stack leaves that "
        "condition of the function's grants out; on AWS it is there, and unit tests hold it."
    ),
    "People of other accounts": (
        "It lets no role of A into B's bucket by its ARN, so uploaders and readers are roles of B "
        "here; other accounts are tested on the documents."
    ),
    "Principals by role": (
        "It gives aws:PrincipalArn the session's ARN where AWS gives the role's, so the sandbox "
        "stack adds the session's pattern to the refusals."
    ),
    "What Lambda itself needs": (
        "It checks neither PassRole nor KMS, nor the function's permissions on log and queue; the "
        "documents are tested whole."
    ),
    "What watches": (
        "It delivers no trail files, has no Access Analyzer and sends no API calls to EventBridge, "
        "so these are off in the sandbox stack; unit tests and event files in CloudTrail's form "
        "stand in."
    ),
    "The runtime": (
        "The function runs on this machine's Python and packages, whatever runtime, memory and "
        "architecture were declared, and without the layer. Times are those of this machine."
    ),
    "Which statement refused": (
        "Its errors never name one, so each is proven: with all others out of the way the call is "
        "still refused, and with this one gone as well it succeeds."
    ),
}
