//! Pictures of measurements, as SVG.

use crate::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use std::ops::Range;

/// An interpreter's values, one per program. What is missing has no bar.
pub(super) struct Bars<'a> {
    pub(super) name: &'a str,
    pub(super) values: Vec<Option<f64>>,
}

/// A small picture of its own, with the points of a curve per interpreter.
pub(super) struct Panel<'a> {
    pub(super) title: &'a str,
    pub(super) curves: Vec<Vec<(f64, f64)>>,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// python3.11 is grey; the others follow.
const BASELINE: RGBColor = RGBColor(120, 120, 120);
const COLOURS: [RGBColor; 4] = [
    RGBColor(31, 119, 180),
    RGBColor(214, 120, 20),
    RGBColor(44, 140, 60),
    RGBColor(150, 60, 150),
];
const FONT: &str = "sans-serif";
const TEXT: i32 = 13;
const WIDTH: u32 = 840;
const PANELS_IN_A_ROW: usize = 3;
const PANEL_HEIGHT: u32 = 190;

fn colour(series: usize) -> RGBColor {
    COLOURS[series % COLOURS.len()]
}

/// Horizontal bars that begin at 1, on a scale on which twice and half as much are as long.
pub(super) fn bars(unit: &str, names: &[&str], series: &[Bars<'_>]) -> Result<String> {
    let mut svg = String::new();
    let height = 70 + names.len() as u32 * (8 + 14 * series.len() as u32);
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        area.fill(&WHITE)?;
        draw_bars(&area, unit, names, series)?;
        area.present()?;
    }
    Ok(svg)
}

fn draw_bars(area: &Area<'_>, unit: &str, names: &[&str], series: &[Bars<'_>]) -> Result<()> {
    let values = || series.iter().flat_map(|bars| bars.values.iter().flatten());
    let (least, most) = values().fold((1.0_f64, 1.0_f64), |(least, most), value| {
        (least.min(*value), most.max(*value))
    });
    let count = names.len() as f64;
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_right(50)
        .x_label_area_size(40)
        .y_label_area_size(190)
        // The first program is at the top.
        .build_cartesian_2d((least * 0.9..most * 1.1).log_scale().base(2.0), count..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(TRANSPARENT)
        .y_labels(0)
        .x_desc(unit)
        .x_label_formatter(&|value| format!("{value}"))
        .label_style((FONT, TEXT))
        .draw()?;
    let thickness = 0.8 / series.len() as f64;
    for (number, bars) in series.iter().enumerate() {
        let top = |row: usize| row as f64 + 0.1 + number as f64 * thickness;
        let bar = |(row, value): (usize, &Option<f64>)| {
            let corners = [(1.0, top(row)), ((*value)?, top(row) + thickness)];
            Some(Rectangle::new(corners, colour(number).filled()))
        };
        let shapes = bars.values.iter().enumerate().filter_map(bar);
        let drawn = chart.draw_series(shapes)?;
        if series.len() > 1 {
            drawn.label(bars.name).legend(move |(x, y)| {
                Rectangle::new([(x, y - 5), (x + 10, y + 5)], colour(number).filled())
            });
        }
        let label = |(row, value): (usize, &Option<f64>)| {
            let value = (*value)?;
            let at = (value.max(1.0), top(row) + thickness / 2.0);
            Some((at, format!("{value:.2}")))
        };
        for ((x, y), text) in bars.values.iter().enumerate().filter_map(label) {
            let (x, y) = chart.backend_coord(&(x, y));
            area.draw(&Text::new(
                text,
                (x + 4, y - TEXT / 2 + 1),
                (FONT, TEXT - 1),
            ))?;
        }
    }
    for (row, name) in names.iter().enumerate() {
        let (_, y) = chart.backend_coord(&(1.0, row as f64 + 0.5));
        area.draw(&Text::new(
            (*name).to_owned(),
            (12, y - TEXT / 2),
            (FONT, TEXT),
        ))?;
    }
    chart.draw_series(LineSeries::new([(1.0, 0.0), (1.0, count)], BLACK))?;
    if series.len() > 1 {
        chart
            .configure_series_labels()
            .label_font((FONT, TEXT))
            .draw()?;
    }
    Ok(())
}

/// Panels of curves that have their names in common.
pub(super) fn curves(names: &[&str], panels: &[Panel<'_>]) -> Result<String> {
    let mut svg = String::new();
    let rows = panels.len().div_ceil(PANELS_IN_A_ROW).max(1);
    let height = 30 + rows as u32 * PANEL_HEIGHT;
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        area.fill(&WHITE)?;
        let (legend, area) = area.split_vertically(30);
        draw_legend(&legend, names)?;
        for (area, panel) in area
            .split_evenly((rows, PANELS_IN_A_ROW))
            .iter()
            .zip(panels)
        {
            draw_panel(area, panel)?;
        }
        area.present()?;
    }
    Ok(svg)
}

/// Of a curve of a panel: python3.11 comes first.
fn curve_colour(number: usize) -> RGBColor {
    number.checked_sub(1).map_or(BASELINE, colour)
}

fn draw_legend(area: &Area<'_>, names: &[&str]) -> Result<()> {
    let mut x = 12;
    for (number, name) in names.iter().enumerate() {
        let line = [(x, 16), (x + 18, 16)];
        area.draw(&PathElement::new(
            line,
            curve_colour(number).stroke_width(2),
        ))?;
        area.draw(&Text::new((*name).to_owned(), (x + 24, 10), (FONT, TEXT)))?;
        x += 50 + 8 * name.len() as i32;
    }
    let axes = "up: times as fast as python3.11 in the end; right: seconds";
    area.draw(&Text::new(axes, (WIDTH as i32 - 360, 10), (FONT, TEXT)))?;
    Ok(())
}

fn draw_panel(area: &Area<'_>, panel: &Panel<'_>) -> Result<()> {
    let points = || panel.curves.iter().flatten();
    let width = points().map(|point| point.0).fold(0.1, f64::max);
    let height = points().map(|point| point.1).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(panel.title, (FONT, TEXT + 1))
        .margin(6)
        .x_label_area_size(20)
        .y_label_area_size(32)
        .build_cartesian_2d(range(width), range(height))?;
    chart
        .configure_mesh()
        .x_labels(5)
        .y_labels(5)
        .light_line_style(TRANSPARENT)
        .label_style((FONT, TEXT - 2))
        .draw()?;
    for (number, curve) in panel.curves.iter().enumerate() {
        let style = curve_colour(number).stroke_width(1);
        chart.draw_series(LineSeries::new(curve.iter().copied(), style))?;
    }
    Ok(())
}

fn range(most: f64) -> Range<f64> {
    0.0..most * 1.05
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_names_and_numbers() {
        let series = [Bars {
            name: "pyrt",
            values: vec![Some(12.5), None, Some(0.75)],
        }];
        let svg = bars("times as fast", &["nbody", "broken", "telco"], &series).unwrap();
        for text in ["nbody", "broken", "telco", "12.50", "0.75", "times as fast"] {
            assert!(svg.contains(text), "{text} is not in {svg}");
        }
        assert!(svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn curves_have_a_panel_per_task() {
        let curve = vec![(0.1, 0.5), (0.2, 2.0)];
        let panels = ["nbody", "chaos", "go", "mdp"].map(|title| Panel {
            title,
            curves: vec![curve.clone(), curve.clone()],
        });
        let svg = curves(&["python3.11", "pyrt"], &panels).unwrap();
        for text in ["nbody", "mdp", "python3.11", "pyrt"] {
            assert!(svg.contains(text), "{text} is not in {svg}");
        }
        assert!(svg.matches("<polyline").count() >= 8);
    }
}
