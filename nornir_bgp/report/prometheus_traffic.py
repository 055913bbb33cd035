"""The measured traffic as metrics for Prometheus."""

from nornir_bgp.models.traffic import TrafficReport
from nornir_bgp.report.prometheus import GaugeMaker


def traffic_gauges(gauge: GaugeMaker, traffic: TrafficReport) -> None:
    """Put the measured traffic on a page of metrics; what is not known has no sample."""
    exit_labels = ("gateway", "upstream", "neighbor")
    gauge("traffic_ok", "1: every exit carries its planned share; 0: not, or not known.").set(
        traffic.ok
    )
    gauge("traffic_timestamp_seconds", "When the traffic was last measured, Unix time.").set(
        int(traffic.started.timestamp())
    )
    shares = gauge("traffic_share", "Share of an exit.", *exit_labels, "kind")
    rates = gauge("traffic_bits_per_second", "What an exit sent.", *exit_labels)
    for exit_ in traffic.exits:
        labels = (exit_.gateway, exit_.upstream, str(exit_.neighbor))
        shares.labels(*labels, "planned").set(exit_.planned)
        if exit_.measured is not None:
            shares.labels(*labels, "measured").set(exit_.measured)
        if exit_.rate is not None:
            rates.labels(*labels).set(exit_.rate)
