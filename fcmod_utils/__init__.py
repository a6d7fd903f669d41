"""The mechanics behind the fcmod book: one short room per idea.

Data flow: tasks -> networks -> training -> activity -> connectivity -> modules -> lesions.
Import the room you need (``from fcmod_utils import modules``); nothing heavy is loaded before.
"""

__version__ = "0.1.0"
