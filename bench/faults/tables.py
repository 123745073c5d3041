"""Tables for people, 80 columns wide."""


def line_of(result):
    """One run, one line."""
    first = result["first"] or "nothing"
    if result["where"]:
        first += " at " + result["where"]
    mark = {True: "yes", False: "no", None: "-"}
    return (f"{result['name'][:27]:<28}{short(result['error']):>9}{short(result['baseline']):>10}"
            f"  {mark[result['found']]:<6}{mark[result['right']]:<6}{first}")


def short(number):
    return "-" if number is None else f"{number:.3g}"


def share(part, whole):
    return f"{100 * part / whole:.0f} %" if whole else "-"


def faulty_table(results):
    """Found and first right, group by group, and the misses."""
    groups = {}
    for result in results:
        groups.setdefault(group_of(result), []).append(result)
    lines = [f"{'faulty programs':<22}{'runs':>6}{'found':>8}{'':>7}{'first right':>13}{'':>7}"
             f"{'among them':>12}", "-" * 78]
    planted = [r for r in results if r["group"] == "planted"]
    for title, members in [*groups.items(), ("all planted", planted)]:
        if not members:
            continue
        found, right = count(members, "found"), count(members, "right")
        lines.append(f"{title:<22}{len(members):>6}{found:>8}{share(found, len(members)):>7}"
                     f"{right:>13}{share(right, len(members)):>7}"
                     f"{share(count(members, 'named'), len(members)):>12}")
    misses = [r for r in results if not r["right"]]
    if misses:
        lines += ["", "first finding is another", "-" * 78]
    lines += [f"{r['name'][:30]:<31}{' '.join(r['expect'])[:22]:<23}{heard(r)[:24]}"
              for r in misses]
    return "\n".join(lines)


def heard(result):
    first = result["first"] or "nothing"
    return first + (f" at {result['where']}" if result["where"] else "")


def group_of(result):
    if result["group"] == "cases":
        return "the cases"
    return result["name"].rsplit("-", 2)[0]


def count(results, key):
    return sum(bool(result[key]) for result in results)


def healthy_table(results):
    """False alarms on runs that train well."""
    healthy = [r for r in results if r["healthy"]]
    alarms = [r for r in healthy if r["alarms"]]
    lines = [f"healthy runs {len(healthy)}, with findings above note {len(alarms)}, "
             + share(len(alarms), len(healthy)), "-" * 78]
    for result in alarms:
        for alarm in result["alarms"]:
            lines.append(f"{result['name'][:30]:<31}{alarm['severity']:<9}{alarm['cause']}"
                         + (f" at {alarm['where']}" if alarm["where"] else ""))
    out = [r for r in results if not r["healthy"]]
    if out:
        lines += ["", f"left out, {len(out)}: not clearly better than guessing", "-" * 78]
    lines += [f"{r['name'][:40]:<41}error {short(r['error'])}, guessing {short(r['baseline'])}"
              for r in out]
    return "\n".join(lines)


def advice_table(rows, trainings):
    """Errors of the faulty program, with the first advice, as fixed, and of a random search."""
    lines = [f"{'program':<25}{'faulty':>8}{'advised':>9}{'fixed':>9}{'spread':>8}{'search':>8}"
             "  within", "-" * 78]
    for row in rows:
        marks = "yes" if row["within"] else "no"
        lines.append(f"{row['name'][:24]:<25}{short(row['faulty']):>8}{short(row['advised']):>9}"
                     f"{short(row['fixed']):>9}{short(row['spread']):>8}{short(row['search']):>8}"
                     f"  {marks:<4}{'search too' if row['search_within'] else ''}")
    within = count(rows, "within")
    search = count(rows, "search_within")
    lines += ["", f"within the spread of the fixed program: advice {within} of {len(rows)} "
              f"({share(within, len(rows))}), random search {search} ({share(search, len(rows))});",
              f"{trainings} trainings of either"]
    return "\n".join(lines)
