package dev.millrace.worker.testing;

import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Results in the XML that JUnit's Ant task began and that build servers read: a suite for each
 * function, a case for each test.
 */
public final class JUnitReport {

  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter xml;

  private JUnitReport() throws XMLStreamException {
    this.xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
  }

  /** The report's text. */
  public static String of(Collection<TestResult> results) {
    try {
      JUnitReport report = new JUnitReport();
      report.write(results);
      return report.text.toString();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a text can always be written to", e);
    }
  }

  private void write(Collection<TestResult> results) throws XMLStreamException {
    Map<String, List<TestResult>> suites =
        results.stream()
            .collect(
                Collectors.groupingBy(
                    result -> result.test().function(), LinkedHashMap::new, Collectors.toList()));
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeCharacters("\n");
    xml.writeStartElement("testsuites");
    for (Map.Entry<String, List<TestResult>> suite : suites.entrySet()) {
      xml.writeCharacters("\n  ");
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", printable(suite.getKey()));
      xml.writeAttribute("tests", Integer.toString(suite.getValue().size()));
      long failed = suite.getValue().stream().filter(result -> !result.passed()).count();
      xml.writeAttribute("failures", Long.toString(failed));
      xml.writeAttribute("errors", "0");
      xml.writeAttribute(
          "time",
          seconds(
              suite.getValue().stream()
                  .map(TestResult::duration)
                  .reduce(Duration.ZERO, Duration::plus)));
      for (TestResult result : suite.getValue()) {
        write(result);
      }
      xml.writeCharacters("\n  ");
      xml.writeEndElement();
    }
    xml.writeCharacters("\n");
    xml.writeEndElement();
    xml.writeEndDocument();
    xml.writeCharacters("\n");
    xml.close();
  }

  private void write(TestResult result) throws XMLStreamException {
    xml.writeCharacters("\n    ");
    xml.writeStartElement("testcase");
    xml.writeAttribute("name", printable(result.test().name()));
    xml.writeAttribute("classname", printable(result.test().function()));
    xml.writeAttribute("file", printable(result.test().file()));
    xml.writeAttribute("line", Integer.toString(result.test().line()));
    xml.writeAttribute("time", seconds(result.duration()));
    if (!result.passed()) {
      xml.writeCharacters("\n      ");
      xml.writeStartElement("failure");
      xml.writeAttribute("message", printable(result.differences().getFirst()));
      xml.writeCharacters(printable(String.join("\n", result.differences())));
      xml.writeEndElement();
      xml.writeCharacters("\n    ");
    }
    xml.writeEndElement();
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).toPlainString();
  }

  /** What a guest wrote may hold characters that XML has no way to write. */
  private static String printable(String text) {
    return text.codePoints()
        .map(
            c ->
                c == '\t'
                        || c == '\n'
                        || (c >= 0x20 && c <= 0xd7ff)
                        || (c >= 0xe000 && c < 0xfffe)
                        || c >= 0x10000
                    ? c
                    : 0xfffd)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
