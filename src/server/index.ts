export { LiveFeed } from './live-feed.js';
export { RunServer } from './run-server.js';
export { scoringServer } from './scoring-server.js';
