"""What a denial code means, and finding codes in text. Pure: reads only its own shipped files.

`server.codes.lookup.catalogue()` answers what a code means; `server.codes.official` reads a
licensed list; the finder has a module of its own.
"""
