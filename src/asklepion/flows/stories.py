"""The invented people of the demo, at every stage of a course. What they take and how it goes is nobody's."""

from asklepion.flows.walking import Story, Taken, Trouble

_HEADACHE = Trouble("Headache", "v5", 1, 1)
_JAW = Trouble("Tight jaw", "v5", 2, 2)
_LOW = Trouble("Low mood", "v5", 4, 3, grade=2)
_CLOSER = Trouble("Felt close to others again", "v10", 3, 2, welcome=True)

STORIES: tuple[Story, ...] = (
    # Long ago: a whole course, and one whose last visit is ahead.
    Story(weeks=67, burden=0.72, falls=0.18, troubles=(_HEADACHE, _CLOSER), ends=("completed", "", 466)),
    Story(weeks=58, sex="male", burden=0.6, falls=0.04, troubles=(_JAW,), missed={"v12": "Had a cold"}),
    # The person who signs in: between sessions, with a questionnaire open on the phone.
    Story(weeks=7, burden=0.7, falls=0.14, skipped=frozenset({("v8", "pcl-5")}), troubles=(_HEADACHE, _LOW)),
    # A new version of the consent document stands between them and session 2.
    Story(
        weeks=12,
        burden=0.74,
        falls=0.2,
        taken=(
            Taken("sertraline", "100 mg a day", 900, 9),
            Taken("loratadine", "10 mg when needed", 400, decided_after=5),
        ),
        troubles=(_JAW, _LOW),
        consents_again=False,
    ),
    # Screening: nothing yet, a medicine without a fact, a washout, a reading above the limit.
    Story(weeks=0, stays_before="screening", signs=False),
    Story(
        weeks=1,
        stays_before="v0",
        taken=(Taken("Stablon 12.5", "three times a day", 200), Taken("fluoxetine", "20 mg a day", 700, -2)),
        left_out=frozenset({"pregnancy-test", "contact-person"}),
    ),
    Story(weeks=2, stays_before="v0", sex="male", unusual={"systolic": 152.0, "diastolic": 94.0}, burden=0.63),
    Story(weeks=5, taken=(Taken("fluoxetine", "20 mg a day", 700, 26),), burden=0.66),
    # Preparing, and the day before session 1.
    Story(weeks=2, burden=0.61),
    Story(weeks=3, sex="male", burden=0.69, taken=(Taken("melatonin", "2 mg at night", 90, decided_after=3),)),
    Story(weeks=4, burden=0.75, book="v5"),
    # Sessions: yesterday's, calls to make, a rating that is late, a gap in the scores.
    Story(weeks=5, burden=0.7, troubles=(_HEADACHE,)),
    Story(weeks=6, sex="male", burden=0.64, falls=0.1, troubles=(Trouble("Low mood", "v5", 3, None, grade=2),)),
    Story(weeks=9, burden=0.71, stays_before="v9", troubles=(_LOW,)),
    Story(weeks=10, burden=0.78, falls=0.22, skipped=frozenset({("v8", "pcl-5")}), troubles=(_HEADACHE, _JAW)),
    Story(weeks=13, sex="male", burden=0.67, falls=0.09, missed={"v7": "Phone was lost"}, goes_on=False),
    Story(weeks=15, burden=0.7, falls=0.19, troubles=(_CLOSER,)),
    # After the sessions: the primary rating due, the end of the study, half a year on.
    Story(weeks=20, burden=0.66, falls=0.15),
    Story(weeks=23, sex="male", burden=0.72, falls=0.02, stays_before="v19", troubles=(_JAW, _LOW)),
    Story(weeks=39, burden=0.69, falls=0.2, troubles=(_HEADACHE, _CLOSER)),
    # Those whose course ended before its end.
    Story(weeks=10, stays_before="v0", unusual={"bipolar-i": True}, ends=("screen_failed", "Bipolar I disorder", 6)),
    Story(weeks=16, burden=0.73, troubles=(_LOW,), ends=("withdrew", "Did not want another session", 48)),
    Story(weeks=24, sex="male", burden=0.7, ends=("lost", "Nobody could be reached since the second session", 110)),
)
