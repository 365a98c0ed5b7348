import pytest

from report.charts.svg import area, line, linear, thinned, unbroken

X, Y = linear(0, 10), linear(0, 1)


def test_a_line_has_its_values_upward_and_its_times_to_the_right():
    assert line([(0, 0.0), (5, 0.25), (10, 1.0)], X, Y) == (
        "M0.00,100.00 50.00,75.00 100.00,0.00"
    )


def test_nothing_is_drawn_outside_of_the_plot():
    assert line([(-3, -1.0), (30, 2.0)], X, Y) == "M0.00,100.00 100.00,0.00"


def test_an_area_is_closed_at_its_base():
    assert area([(0, 0.75), (10, 0.25)], X, Y, 0.5) == (
        "M0.00,50.00 0.00,25.00 100.00,75.00 100.00,50.00Z"
    )


def test_without_points_nothing_is_drawn():
    assert line([], X, Y) == ""
    assert area([], X, Y, 0.5) == ""


def test_a_line_is_broken_where_nothing_was_known():
    points = tuple((t, 1.0) for t in (0, 1, 2, 9, 10))
    assert unbroken(points, 2.5) == [points[:3], points[3:]]
    assert unbroken(points, 8) == [points]
    assert unbroken((), 1) == [()]


@pytest.mark.parametrize("most", [1, 7, 99, 100, 1_000])
def test_a_line_with_fewer_points_keeps_its_peak(most):
    points = tuple((float(t), 9.0 if t == 57 else t / 100) for t in range(100))
    found = thinned(points, most)
    assert len(found) <= most
    assert (57.0, 9.0) in found
    assert list(found) == sorted(found)
