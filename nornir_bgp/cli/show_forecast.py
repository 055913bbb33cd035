"""Back-tests on a terminal."""

from rich.console import Console
from rich.text import Text

from nornir_bgp.cli.show import table_with
from nornir_bgp.models.forecast import BacktestReport


def show_backtest(console: Console, report: BacktestReport) -> None:
    """Print what each method of forecasting has achieved."""
    table = table_with("method", "error", "loss in balance", "worst", "")
    for column in table.columns[1:4]:
        column.justify = "right"
    for score in report.scores:
        table.add_row(
            Text(score.method, style="bold" if score.method == report.best else ""),
            _share(score.error),
            _share(score.loss),
            _share(score.worst_loss),
            score.why_not or ("the best" if score.method == report.best else ""),
        )
    gaps = f", {report.gaps} of them without any" if report.gaps else ""
    console.print(
        Text("Back-test", style="bold"),
        f"{report.slots} slots of {report.window_seconds} s{gaps}; {report.prefixes:,} prefixes, "
        f"{report.customers:,} customers",
    )
    console.print(table)
    if report.origins:
        ahead = "the next slot" if report.horizon == 1 else f"the {report.horizon}th slot ahead"
        console.print(
            f"{report.origins} forecasts of {ahead}, learned from the first {report.learned} slots",
            style="dim",
        )
    if report.exits is None:
        console.print(
            "loss in balance: not known without exits; give --gateways, or an inventory",
            style="dim",
        )
    for remark in report.remarks:
        console.print(remark, style="yellow")


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"
