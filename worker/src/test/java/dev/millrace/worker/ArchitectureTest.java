package dev.millrace.worker;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies point one way, and each client library has one package that knows it. */
class ArchitectureTest {

  private static final JavaClasses MILLRACE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.millrace");

  private static final String WASM = "dev.millrace.worker.wasm";

  @Test
  void abiDependsOnNothing() {
    noClasses()
        .that()
        .resideInAPackage("dev.millrace.abi..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("dev.millrace.abi..", "java..", "org.jspecify..")
        .check(MILLRACE);
  }

  @Test
  void triggersKnowNothingOfTheWorker() {
    noClasses()
        .that()
        .resideInAPackage("dev.millrace.triggers..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.millrace.worker..")
        .check(MILLRACE);
  }

  @Test
  void onlyItsOwnPackageImportsAClient() {
    only("dev.millrace.triggers.kafka..", "org.apache.kafka..");
    only("dev.millrace.triggers.redis..", "redis.clients..");
    only("dev.millrace.triggers.cron..", "org.quartz..");
    only("dev.millrace.triggers.local..", "redis.embedded..");
    only("dev.millrace.worker.wasm..", "com.dylibso.chicory..");
    only("dev.millrace.worker.http..", "okhttp3..");
    only("dev.millrace.worker.http..", "okio..");
    only("dev.millrace.worker.store..", "java.sql..");
    only("dev.millrace.worker.store..", "org.sqlite..");
    only("dev.millrace.worker.store..", "org.postgresql..");
    only("dev.millrace.worker.store..", "com.zaxxer..");
    only("dev.millrace.worker.admin..", "io.helidon..");
    only("dev.millrace.worker.admin..", "io.opentelemetry..");
    only("dev.millrace.worker.cli..", "picocli..");
    only("dev.millrace.worker.manifest..", "com.networknt..");
  }

  @Test
  void dispatchIsPure() {
    noClasses()
        .that()
        .resideInAPackage("dev.millrace.worker.dispatch..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.millrace.worker.wasm..",
            "dev.millrace.worker.store..",
            "dev.millrace.worker.keeping..",
            "dev.millrace.worker.replay..",
            "dev.millrace.worker.values..",
            "dev.millrace.worker.http..",
            "dev.millrace.worker.manifest..",
            "dev.millrace.worker.admin..",
            "dev.millrace.worker.cli..",
            "dev.millrace.worker.dev..",
            "dev.millrace.triggers.kafka..",
            "dev.millrace.triggers.redis..",
            "dev.millrace.triggers.cron..")
        .check(MILLRACE);
  }

  @Test
  void whatServesTheWorkerIsWiredByTheWorkerOnly() {
    for (String each : new String[] {"keeping", "replay", "values"}) {
      String its = "dev.millrace.worker." + each + "..";
      noClasses()
          .that()
          .resideInAPackage("dev.millrace..")
          .and()
          .resideOutsideOfPackages(its, "dev.millrace.worker")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(its)
          .check(MILLRACE);
    }
  }

  @Test
  void whatKeepsForTheDispatcherKnowsNoManifest() {
    noClasses()
        .that()
        .resideInAPackage("dev.millrace.worker.keeping..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.millrace.worker.manifest..",
            "dev.millrace.worker.wasm..",
            "dev.millrace.worker.admin..")
        .check(MILLRACE);
  }

  @Test
  void whatTheEngineStandsOnKnowsNothingOfIt() {
    noClasses()
        .that()
        .resideInAPackage(WASM + "..")
        .and()
        .resideOutsideOfPackages(WASM, WASM + ".bench")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(WASM)
        .check(MILLRACE);
    slices().matching(WASM + ".(*)..").should().beFreeOfCycles().check(MILLRACE);
  }

  @Test
  void itsLowestPackagesKnowNothingOfMillrace() {
    for (String each : new String[] {".memory", ".module", ".deadline"}) {
      classes()
          .that()
          .resideInAPackage(WASM + each)
          .should()
          .onlyDependOnClassesThat(
              resideOutsideOfPackage("dev.millrace..").or(resideInAPackage(WASM + each)))
          .check(MILLRACE);
    }
  }

  private static void only(String owner, String library) {
    noClasses()
        .that()
        .resideInAPackage("dev.millrace..")
        .and()
        .resideOutsideOfPackage(owner)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(MILLRACE);
  }
}
