"""What customers and our support say to each other. Some of it sounds like leaving and is not, as in life."""

TOPICS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "question": (
        ("Export of a list", "How do I export a list with all custom columns?", "Found it, thanks. And to Excel?"),
        ("Seats", "Can I invite two colleagues without paying for more seats?", "And if they only read?"),
        ("Webhooks", "Is there a webhook for new replies?\nOur team wants them in our own tool.", "Great, which URL?"),
        ("", "hi, quick one: where do I change the time zone of my campaigns?", "got it 👍"),
    ),
    "bug": (
        ("Upload fails", "Uploading a CSV of 4,000 rows ends with <b>error 500</b>.", "It still fails for me."),
        ("Duplicates", "The same lead shows up twice & counts twice. Please have a look.", "Any news on this?"),
        ("Slow dashboard", "The dashboard takes half a minute to load since yesterday.", "Better, but not good yet."),
    ),
    "feature": (
        ("Wish", "It would be lovely to schedule reports for Monday morning.", "Monthly would do, too."),
        ("API", "Do you plan an endpoint for tags?", "Then we wait for it."),
    ),
    "meeting": (
        ("Our call", "Please cancel tomorrow's call, I am travelling. Next week works.", "Booked a new slot, see you."),
        ("Agenda", "Could we talk about the new seats in our review?", "Perfect."),
    ),
    "praise": (
        ("Thank you", "The last campaign brought us eleven demos. Best month so far!", "Happy to be a reference."),
        ("Well done", "Onboarding of my new colleague took ten minutes, wow.", "Please pass it on to the team."),
    ),
    "complaint": (
        ("Disappointed", "We hardly use it any more: too many bounces, and nobody called back.", "It is not better."),
        ("Results", "Two months without a single booked demo. What are we paying for?", "I will talk to my partner."),
    ),
    "billing": (
        ("Card declined", "Your mail says our card was declined. We are waiting for a new one.", "Next week, I hope."),
        ("Invoice", "We cannot pay this invoice right now, can you give us more time?", "Thank you for waiting."),
    ),
    "cancel": (
        ("Cancel our plan", "We want to cancel our subscription at the end of the month.", "Please confirm it."),
        ("Leaving", "We are switching to another vendor and are not renewing. How do we end it?", "No, it is decided."),
        ("Refund", "Please stop the subscription and refund the last payment.", "When will the refund arrive?"),
    ),
}
"""By topic: subject, first message, and what they write later."""

ANSWERS: dict[str, tuple[str, ...]] = {
    "question": ("Here is how: Settings, then Lists. Does that help?", "Yes, you can. I switched it on for you."),
    "bug": ("Thanks for telling us, we are on it.", "This is fixed since this morning. Could you try again?"),
    "feature": ("A good idea, I noted it for our product team.", "It is planned, I cannot say when yet."),
    "meeting": ("Done. Talk to you then!", "With pleasure."),
    "praise": ("This makes our day, thank you!", "Great to hear!"),
    "complaint": ("I am sorry to hear that. May I call you today?", "Let us look at your campaigns together."),
    "billing": ("No problem, here is the link to update the card.", "We can wait until the end of next week."),
    "cancel": (
        "I am sorry that you want to go. May I ask what we missed?",
        "I have passed this on.",
    ),
}

REMARKS_BY_RATING: dict[int, str] = {
    1: "Nobody could help me.",
    2: "Took far too long.",
    3: "OK in the end.",
    4: "Quick and friendly.",
    5: "Great support, thank you!",
}
