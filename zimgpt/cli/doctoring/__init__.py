"""What ``doctor`` looks at, a subject a module; each check gives findings.

A finding says in a sentence how something is, and, if it is not well, how to mend it.
None of them repeats a secret, a phone number or anybody's words.
"""
