# Chart.js as one minified file, which reports carry inside them. It is found at build time and is
# no part of the sources. Reports are written against version 3; 2 and 4 name their options
# otherwise.
find_file(ChartJs_SCRIPT NAMES chart.min.js Chart.min.js
  PATHS /usr/share/javascript/chart.js /usr/local/share/javascript/chart.js
        /usr/share/javascript/chartjs /usr/share/nodejs/chart.js/dist
  NO_DEFAULT_PATH DOC "Chart.js 3, minified")
if(ChartJs_SCRIPT)
  file(STRINGS ${ChartJs_SCRIPT} ChartJs_BANNER LIMIT_COUNT 1 REGEX "Chart\\.js v[0-9.]+")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" ChartJs_VERSION "${ChartJs_BANNER}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ChartJs REQUIRED_VARS ChartJs_SCRIPT VERSION_VAR ChartJs_VERSION
  HANDLE_VERSION_RANGE REASON_FAILURE_MESSAGE
  "install the Debian package libjs-chart.js, or name the file: -DChartJs_SCRIPT=.../chart.min.js")
mark_as_advanced(ChartJs_SCRIPT)
