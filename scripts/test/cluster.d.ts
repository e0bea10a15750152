export function findPostgres(): { bin: string } | { missing: string };
export function createClusterFolder(): string;
export function startCluster(folder: string, settings?: Record<string, string>): Promise<string>;
export function startServer(folder: string): void;
export function stopServer(folder: string, mode: 'fast' | 'immediate'): void;
export function stopCluster(folder: string): void;
