import { writeFileSync } from 'node:fs';

/**
 * Vitest reporter that leaves what the runner counts in the file SELENOSCAN_TEST_SUMMARY: tests passed and
 * failed, files and hooks that failed beside them, and tests left out with their reasons.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, leftOut: [] };
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') failedTests += 1;
        else summary.leftOut.push({ file: module.relativeModuleId, name: test.fullName, reason: note ?? '' });
      }
      // A file that does not load, or a hook that fails, is a failure without a failed test.
      const failedAlone = module.state() === 'failed' && failedTests === 0 ? 1 : 0;
      summary.failed += failedTests + failedAlone;
    }
    writeFileSync(process.env.SELENOSCAN_TEST_SUMMARY, JSON.stringify(summary));
  }
}
