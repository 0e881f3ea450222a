package dev.millrace.worker.cli;

import java.lang.reflect.Field;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Takes the default of {@code --some-option} from {@code MILLRACE_SOME_OPTION}, but for options of
 * {@link CommandLineOnly} classes.
 */
record EnvironmentDefaults(Map<String, String> environment) implements IDefaultValueProvider {

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    if (option.userObject() instanceof Field field
        && field.getDeclaringClass().isAnnotationPresent(CommandLineOnly.class)) {
      return null;
    }
    return environment.get(name(option.longestName()));
  }

  static String name(String option) {
    return "MILLRACE_" + option.replaceFirst("^-+", "").replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
