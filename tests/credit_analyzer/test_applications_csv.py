import pytest
from credit_analyzer.application import LoanApplication
from credit_analyzer.applications_csv import UnreadableApplications, read_csv


def test_a_csv_file_is_read_with_its_further_columns(tmp_path):
    file = tmp_path / "past.csv"
    file.write_text(
        "education_level,profession_type,loan_amount,monthly_income,repaid\n"
        "Bachelor,clt,20000,5000,1\n"
    )
    [(application, row)] = read_csv(file)
    assert application == LoanApplication("Bachelor", "clt", 20_000, 5_000)
    assert row["repaid"] == "1"


def test_a_bad_row_of_a_csv_file_is_named(tmp_path):
    file = tmp_path / "past.csv"
    file.write_text(
        "education_level,profession_type,loan_amount,monthly_income\n"
        "Bachelor,clt,20000,5000\n"
        "Bachelor,clt,,lots\n"
    )
    with pytest.raises(
        UnreadableApplications,
        match=r"past\.csv, line 3: loan_amount must .* monthly_in",
    ):
        list(read_csv(file))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"education_level,profession_type,loan_amount,monthly_income\n",
        "education_level\nB\xe4chelor\n".encode("latin-1"),
        b'education_level\n"' + b"x" * 200_000 + b'"\n',
    ],
)
def test_a_file_without_applications_is_named(tmp_path, content):
    file = tmp_path / "past.csv"
    file.write_bytes(content)
    with pytest.raises(UnreadableApplications, match=r"past\.csv"):
        list(read_csv(file))


def test_a_file_of_a_spreadsheet_is_read(tmp_path):
    file = tmp_path / "past.csv"
    file.write_text(
        "education_level,profession_type,loan_amount,monthly_income\n"
        "Bachelor,clt,20000,5000\n",
        encoding="utf-8-sig",
    )
    [(application, _)] = read_csv(file)
    assert application.education_level == "Bachelor"
