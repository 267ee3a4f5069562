"""What the people of the demonstration say to each other, and what there is to remember about them."""

from __future__ import annotations

THREADS = (
    ("Good to see you on Tuesday. I will send the notes tomorrow.", "Thank you, very useful. Talk soon."),
    ("Is Thursday at half past two still good for you?", "Yes, see you then. Meeting room four."),
    (
        "The draft of the proposal is in your inbox. Happy to go through it by phone.",
        "Got it, give me until Friday.",
    ),
    ("We have two places at our autumn dinner. May I put your name down?", "I would love to, please do!"),
    ("Safe travels tomorrow. The office in town is yours if you need a desk.", None),
    (
        "I saw the results this morning: a splendid year. Congratulations to the whole team.",
        "That is kind. We are proud.",
    ),
    ("Quick one: who on your side should see the contract first?", "Send it to legal, with me in copy."),
    ("How did the board take the plan?", "Better than expected. I will call you on Monday."),
    ("The steering group moves to the 14th. Does that work?", "Not really. Could we do the week after?"),
    ("Thinking of you this week. No need to answer.", None),
    (
        "There is a talk on grid storage at the Institute, and I have a spare ticket.",
        "Sadly away, but do ask me again.",
    ),
    ("Lunch next week? My treat.", "Wednesday? The usual place."),
    ("Our report on pay comes out today; yours is on its way by post.", None),
    ("Thank you for the introduction to your colleague. We meet on Friday.", "You will like her. Good luck!"),
    ("Are you free for ten minutes this afternoon?", "In the air until six. Tomorrow at nine?"),
    (
        "I hope the move went well. Which address should we use from now on?",
        "All done! The new one is in my signature.",
    ),
    ("Happy birthday! I hope that there is cake.", "There was far too much of it. Thank you!"),
    ("Ten years as our client this month. A small thing is on its way to you.", None),
)
"""What we wrote, and what came back."""

FROM_THEM = (
    "Could somebody call me about the invoice, please?",
    "I change phones next week; this number stays the same.",
    "Please move our call to Thursday if you can.",
    "Wonderful evening yesterday, thank you all.",
)

MANUAL_ACTIONS = (
    ("call", "Call about the renewal", None),
    ("card", "Send a thank-you card", None),
    ("linkedin", "Comment on the interview", None),
    ("gift", "Send the book that came up at dinner", None),
    ("whatsapp", "Ask how the launch went", "How did the launch go? I would love to hear about it."),
    ("sms", "Confirm the dinner", "A quick reminder of dinner on Thursday at seven. See you there!"),
    ("call", "Introduce the new consultant", None),
)

EVENTS = (
    ("promotion", "Promoted to the executive committee", False),
    ("new job", "Took on the European business", False),
    ("birth", "A second child", False),
    ("moving house", "Moved to the coast", False),
    ("award", "Named among the leaders of the year", False),
    ("graduation", "Daughter graduates", False),
    ("wedding", "Getting married", False),
    ("anniversary", "Wedding anniversary", True),
    ("work anniversary", "Joined the company", True),
    ("work anniversary", "Became our client", True),
)
"""Type, title and whether it comes back every year."""

COMMUNICATION_NOTES = (
    "Mornings only, never on Fridays.",
    "Prefers a short text before any call.",
    "The assistant keeps the diary.",
    "Answers late in the evening.",
    "Write rather than call during results season.",
)

PERSONAL_NOTES = (
    "Two children at school; the younger plays the cello.",
    "Studied in Lisbon and likes to be asked about it.",
    "Ran the London Marathon twice.",
    "Grew up on a sheep farm and still goes home for lambing.",
    "Does not drink; choose the venue with that in mind.",
    "Is learning Welsh.",
)

DIETS = ("Vegetarian", "No shellfish", "Halal", "Vegan", "No nuts", "Kosher", "Gluten-free")

FAULTS = (
    ("30005", "The number is not known to its network."),
    ("30003", "The phone was switched off or out of reach."),
    ("30006", "The number is a landline or cannot be reached."),
)
"""A provider's error codes, in words."""

PARTNERS = (
    ("Hartwell Legal", "Law firm"),
    ("Finch & Auden", "Auditor"),
    ("Castlegate Bank", "Bank"),
    ("Loom Analytics", "Software supplier"),
    ("Fjordlight Design", "Design agency"),
    ("Pennine Freight", "Distributor"),
    ("Beacon Street Media", "Advertising agency"),
    ("Tessera Property", "Landlord"),
    ("Umbra Security", "Supplier"),
    ("Greenacre Pensions", "Pension adviser"),
    ("Rook & Rowan", "Recruiter"),
    ("Skylark Ventures", "Investor"),
)

TASKS = (
    "Prepare the quarterly review",
    "Book a room for the workshop",
    "Send the signed contract to legal",
    "Update the account plan",
    "Expense the trip",
    "Read the annual report",
    "Draft the proposal",
    "Ask finance about the open invoice",
    "Collect references",
    "Plan the client dinner",
)
