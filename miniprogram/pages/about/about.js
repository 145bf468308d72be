const { page } = require('../../lib/page');

page({ data: {} });
