"""Figures beside what is promised of them."""

missed = []


def judge(name, value, target, floor):
    """How a figure stands: what falls below its floor is a defect, and is told once more at the end."""
    reaches = (lambda promised: value <= promised) if floor >= target else (lambda promised: value >= promised)
    if reaches(target):
        return "target"
    if reaches(floor):
        return "floor"
    missed.append("%s: %.2f, promised %s" % (name, value, floor))
    return "BELOW THE FLOOR"
