"""The Vietnamese lunar calendar: which lunar day a day is.

Worked out from the sky as seen at UTC+7, not looked up, for 1900 to 2199. A lunar month begins on the day of a new
moon. The month that holds the winter solstice is the eleventh. Where thirteen months lie from one eleventh to the next,
the first without a major solar term (the sun reaching a multiple of 30° of longitude) repeats the number of the month
before it and is its leap month.

New moons (after Meeus, *Astronomical Algorithms*) and solar terms are good to half a minute; what is uncertain beyond
that is how the earth's rotation will slow: a month that begins within a minute of midnight, such as that of 8 May 2054,
may yet be settled a day earlier. All years are reckoned in UTC+7, which Vietnam does since 1968; almanacs printed
before went by UTC+8, so that some of their months begin a day later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from math import cos, degrees, floor, radians, sin
from typing import NamedTuple

_ZONE_DAYS = 7 / 24  # UTC+7 in days
_ORDINAL_TO_JD = 1721424.5  # the Julian date of 00:00 UTC on a day, less the day's ordinal
_J2000 = 2451545.0
_CENTURY_DAYS = 36525.0
_NEW_MOON_2000 = 2451550.09766  # the mean new moon of 6 January 2000
_LUNATION_DAYS = 29.530588861
_LUNATIONS_A_CENTURY = 1236.85
_WINTER_SOLSTICE = 9  # sectors of 30° from the spring equinox

# ΔT: seconds by which uniform time is ahead of the clock, every ten years as observed, afterwards as expected.
_DELTA_T_S: Sequence[tuple[int, float]] = (
    (1900, -3), (1910, 10), (1920, 21), (1930, 24), (1940, 24), (1950, 29), (1960, 33), (1970, 40), (1980, 51),
    (1990, 57), (2000, 64), (2010, 66), (2020, 69), (2050, 80), (2100, 120), (2150, 190), (2200, 280),
)  # fmt: skip

# Of the true new moon against the mean one, in days: amplitude, power of the earth's eccentricity, and how often each
# of the sun's anomaly, the moon's anomaly and the moon's argument of latitude comes into the angle.
_NEW_MOON_TERMS: Sequence[tuple[float, int, int, int, int]] = (
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0), (0.00004, 0, 0, 2, -2),
    (0.00004, 0, 3, 0, 0), (0.00003, 0, 1, 1, -2), (0.00003, 0, 0, 2, 2), (-0.00003, 0, 1, 1, 2),
    (0.00003, 0, -1, 1, 2), (-0.00002, 0, -1, 1, -2), (-0.00002, 0, 1, 3, 0), (0.00002, 0, 0, 4, 0),
)  # fmt: skip

# The pull of the planets on it, in days: amplitude, angle in degrees at the new moon of 2000, degrees a lunation.
_PLANET_TERMS: Sequence[tuple[float, float, float]] = (
    (0.000325, 299.77, 0.107408), (0.000165, 251.88, 0.016321), (0.000164, 251.83, 26.651886),
    (0.000126, 349.42, 36.412478), (0.000110, 84.66, 18.206239), (0.000062, 141.74, 53.303771),
    (0.000060, 207.14, 2.453732), (0.000056, 154.84, 7.306860), (0.000047, 34.52, 27.261239),
    (0.000042, 207.19, 0.121824), (0.000040, 291.34, 1.844379), (0.000037, 161.72, 24.198154),
    (0.000035, 239.56, 25.513099), (0.000023, 331.55, 3.592518),
)  # fmt: skip

# The sun's longitude against its mean, in units of 1e-7 radian: amplitude, angle in degrees at noon of 1 January 2000,
# degrees a century. The figures are those of Bretagnon and Simon, *Planetary Programs and Tables* (1986).
_SUN_TERMS: Sequence[tuple[int, float, float]] = (
    (403406, 270.54861, 0.9287892), (195207, 340.19128, 35999.1376958), (119433, 63.91854, 35999.4089666),
    (112392, 331.2622, 35998.7287385), (3891, 317.843, 71998.20261), (2819, 86.631, 71998.4403),
    (1721, 240.052, 36000.35726), (660, 310.26, 71997.4812), (350, 247.23, 32964.4678), (334, 260.87, -19.441),
    (314, 297.82, 445267.1117), (268, 343.14, 45036.884), (242, 166.79, 3.1008), (234, 81.53, 22518.4434),
    (158, 3.5, -19.9739), (132, 132.75, 65928.9345), (129, 182.95, 9038.0293), (114, 162.03, 3034.7684),
    (99, 29.8, 33718.148), (93, 266.4, 3034.448), (86, 249.2, -2280.773), (78, 157.6, 29929.992),
    (72, 257.8, 31556.493), (68, 185.1, 149.588), (64, 69.9, 9037.75), (46, 8.0, 107997.405), (38, 197.1, -4444.176),
    (37, 250.4, 151.771), (32, 65.3, 67555.316), (29, 162.7, 31556.08), (28, 341.5, -4561.54),
    (27, 291.6, 107996.706), (27, 98.5, 1221.655), (25, 146.7, 62894.167), (24, 110.0, 31437.369),
    (21, 5.2, 14578.298), (21, 342.6, -31931.757), (20, 230.9, 34777.243), (18, 256.1, 1221.999),
    (17, 45.3, 62894.511), (14, 242.9, -4442.039), (13, 115.2, 107997.909), (13, 151.8, 119.066),
    (13, 285.3, 16859.071), (12, 53.3, -4.578), (10, 126.6, 26895.292), (10, 205.7, -39.127), (10, 85.9, 12297.536),
    (10, 146.1, 90073.778),
)  # fmt: skip


class LunarDate(NamedTuple):
    """A day of the lunar calendar; `year` is the solar year in which its first month began."""

    day: int
    month: int
    year: int
    is_leap: bool


class _Month(NamedTuple):
    first: int
    """Ordinal of its first day."""
    number: int
    year: int
    is_leap: bool


@lru_cache(maxsize=4096)
def lunar_date(day: date) -> LunarDate:
    """The lunar day of `day`. Right from 1900 to 2199; of other years a good guess."""
    ordinal = day.toordinal()
    months = _months_to_solstice(day.year)
    if ordinal >= months[-1].first:
        months = _months_to_solstice(day.year + 1)
    month = months[bisect_right(months, ordinal, key=lambda month: month.first) - 1]
    return LunarDate(ordinal - month.first + 1, month.number, month.year, month.is_leap)


@lru_cache(maxsize=512)
def _months_to_solstice(solar_year: int) -> tuple[_Month, ...]:
    """The lunar months from the eleventh of the year before `solar_year` to the eleventh of `solar_year`, both in."""
    first = _eleventh_month(solar_year - 1)
    last = _eleventh_month(solar_year)
    starts = [_new_moon_day(lunation) for lunation in range(first, last + 1)]
    leap = _without_major_term(starts) if len(starts) > 13 else None
    months: list[_Month] = []
    number, year = 11, solar_year - 1
    for index, start in enumerate(starts):
        if index and index != leap:
            number = number % 12 + 1
            year += number == 1
        months.append(_Month(start, number, year, index == leap))
    return tuple(months)


def _without_major_term(starts: Sequence[int]) -> int:
    """Which month, by its index, is the first that begins and ends in the same sector of the sun's way."""
    sectors = [_sector(start) for start in starts]
    return next(index for index in range(1, len(sectors) - 1) if sectors[index] == sectors[index + 1])


def _eleventh_month(solar_year: int) -> int:
    """The lunation whose month holds the winter solstice of `solar_year`."""
    year_end = date(solar_year, 12, 31).toordinal()
    # the mean new moon may be most of a day from the true one, the solstice lies between the 20th and the 23rd
    lunation = floor((year_end + _ORDINAL_TO_JD - _NEW_MOON_2000) / _LUNATION_DAYS) + 1
    while _new_moon_day(lunation) > year_end or _sector(_new_moon_day(lunation)) == _WINTER_SOLSTICE:
        lunation -= 1
    return lunation


@lru_cache(maxsize=8192)
def _new_moon_day(lunation: int) -> int:
    """Ordinal of the local day of the new moon that is `lunation` months after that of 6 January 2000."""
    moment = _new_moon(lunation)
    clock = moment - _delta_t_days(moment)
    return floor(clock + _ZONE_DAYS - _ORDINAL_TO_JD)


def _sector(ordinal: int) -> int:
    """In which twelfth of the ecliptic the sun stands as a local day begins: 0 from the spring equinox on."""
    midnight = ordinal + _ORDINAL_TO_JD - _ZONE_DAYS
    return floor(_sun_longitude(midnight + _delta_t_days(midnight)) / 30) % 12


def _new_moon(lunation: int) -> float:
    """The Julian date, in uniform time, of a true new moon."""
    t = lunation / _LUNATIONS_A_CENTURY
    eccentricity = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = 2.5534 + 29.10535670 * lunation - 0.0000014 * t**2 - 0.00000011 * t**3
    moon = 201.5643 + 385.81693528 * lunation + 0.0107582 * t**2 + 0.00001238 * t**3
    latitude = 160.7108 + 390.67050284 * lunation - 0.0016118 * t**2 - 0.00000227 * t**3
    node = 124.7746 - 1.56375588 * lunation + 0.0020672 * t**2 + 0.00000215 * t**3
    moment = _NEW_MOON_2000 + _LUNATION_DAYS * lunation + 0.00015437 * t**2 - 0.000000150 * t**3
    moment -= 0.00017 * sin(radians(node))
    for days, power, suns, moons, latitudes in _NEW_MOON_TERMS:
        moment += days * eccentricity**power * sin(radians(suns * sun + moons * moon + latitudes * latitude))
    for days, at_start, a_lunation in _PLANET_TERMS:
        moment += days * sin(radians(at_start + a_lunation * lunation))
    return moment


def _sun_longitude(moment: float) -> float:
    """The sun's apparent longitude in degrees, 0 to 360, at a Julian date in uniform time."""
    t = (moment - _J2000) / _CENTURY_DAYS
    periodic = sum(size * sin(radians(at_start + a_century * t)) for size, at_start, a_century in _SUN_TERMS)
    aberration = 0.0000974 * cos(radians(177.63 + 35999.01848 * t)) - 0.005575
    nutation = -0.004778 * sin(radians(124.90 - 1934.134 * t)) - 0.000367 * sin(radians(201.11 + 72001.5377 * t))
    return (282.7771834 + 36000.76953744 * t + degrees(periodic * 1e-7) + aberration + nutation) % 360


def _delta_t_days(moment: float) -> float:
    """By how much uniform time is ahead of the clock at a Julian date."""
    year = 2000 + (moment - _J2000) / 365.25
    after = min(max(bisect_right(_DELTA_T_S, year, key=lambda entry: entry[0]), 1), len(_DELTA_T_S) - 1)
    (from_year, from_s), (until_year, until_s) = _DELTA_T_S[after - 1], _DELTA_T_S[after]
    share = min(max((year - from_year) / (until_year - from_year), 0.0), 1.0)
    return (from_s + (until_s - from_s) * share) / 86400
