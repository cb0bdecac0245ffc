"""The two deployed accounts: clients that only read, their permissions, and the links between
resources.
"""
