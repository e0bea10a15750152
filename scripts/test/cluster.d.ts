export function findPostgres(): { bin: string } | { missing: string };
export function createClusterFolder(): string;
export function startCluster(folder: string, settings?: Record<string, string>): Promise<string>;
export function stopCluster(folder: string): void;
