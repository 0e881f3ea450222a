package dev.millrace.worker.admin;

import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Collection;
import java.util.List;

/**
 * One histogram as a scrape finds it.
 *
 * @param instrument which
 * @param resource the worker
 * @param points one for each set of labels
 */
record TimingData(Instrument instrument, Resource resource, List<HistogramPointData> points)
    implements MetricData {

  TimingData {
    points = List.copyOf(points);
  }

  @Override
  public Resource getResource() {
    return resource;
  }

  @Override
  public InstrumentationScopeInfo getInstrumentationScopeInfo() {
    return InstrumentationScopeInfo.create(Instrument.SCOPE);
  }

  @Override
  public String getName() {
    return instrument.otelName();
  }

  @Override
  public String getDescription() {
    return "";
  }

  @Override
  public String getUnit() {
    return instrument.unit();
  }

  @Override
  public MetricDataType getType() {
    return MetricDataType.HISTOGRAM;
  }

  @Override
  public HistogramData getData() {
    Collection<HistogramPointData> all = points;
    return HistogramData.create(AggregationTemporality.CUMULATIVE, all);
  }
}
