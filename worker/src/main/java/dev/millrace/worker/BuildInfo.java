package dev.millrace.worker;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;

/**
 * What is known of the build that runs, from the manifest of the worker's jar.
 *
 * @param version the Maven version; {@code development} when classes run outside a jar
 * @param build the commit or whatever the build was named with; {@code local} by default
 */
public record BuildInfo(String version, String build) {

  private static final BuildInfo UNPACKED = new BuildInfo("development", "local");

  /** The build this class came with. */
  public static BuildInfo current() {
    URL source = BuildInfo.class.getProtectionDomain().getCodeSource().getLocation();
    if (!source.getPath().endsWith(".jar")) {
      return UNPACKED;
    }
    try (InputStream in = source.openStream();
        JarInputStream jar = new JarInputStream(in)) {
      return jar.getManifest() == null ? UNPACKED : of(jar.getManifest().getMainAttributes());
    } catch (IOException e) {
      return UNPACKED;
    }
  }

  static BuildInfo of(Attributes manifest) {
    String version = manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
    String build = manifest.getValue("Implementation-Build");
    return new BuildInfo(
        version == null ? UNPACKED.version : version, build == null ? UNPACKED.build : build);
  }
}
